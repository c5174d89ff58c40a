"""What a person sees of the gateway at work: log lines, masks, counters."""
