"""The same training by other tools: digits, a 64-128-10 network, Adam, batches of 32."""
