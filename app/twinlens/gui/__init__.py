"""The window: widgets and models on the GUI thread, work handed off through tasks."""
