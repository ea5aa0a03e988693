"""Folders of images: found, checked, and read by Pillow."""
