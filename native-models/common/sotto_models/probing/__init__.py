"""Linear probes on the gate bits of a pruned net: recordings with known parts, labels, fits, controls and measures."""
