"""Attackers and recognisers that judge how much a sanitiser hides and how much it destroys; nothing here is shipped."""
