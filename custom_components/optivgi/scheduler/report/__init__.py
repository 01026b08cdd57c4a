"""From powers to a Schedule: whole steps of power, peaks, shortfalls, reasons, concerns."""
