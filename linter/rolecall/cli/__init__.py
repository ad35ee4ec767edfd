"""The commands: what may be said on the command line is in `app`, what is done then in a module for each."""
