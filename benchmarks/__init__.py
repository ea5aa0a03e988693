"""How fast regcli is, side by side with what people use today, in one run on one machine."""
