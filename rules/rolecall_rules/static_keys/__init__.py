"""Static AWS keys: written down, handed to containers, mounted, baked into images."""
