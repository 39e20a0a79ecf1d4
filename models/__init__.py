"""The exporters that turn published weights into ONNX files. Runs at build time only."""
