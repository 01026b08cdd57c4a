"""OCPP charge points that follow the plan by charging profiles."""
