"""How the shipped models are made and measured. Nothing here is needed at run time."""
