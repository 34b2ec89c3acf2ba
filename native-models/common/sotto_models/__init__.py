"""Training, exporting and judging the models that Sotto ships."""

import os

# ONNX Runtime notes what it runs and sends that to its makers unless this stands in the environment before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
