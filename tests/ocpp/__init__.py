"""Chargers that speak OCPP, simulated as their specifications ask."""
