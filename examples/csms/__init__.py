"""A small central system (CSMS) that plans with ``optivgi_scheduler`` and speaks OCPP."""
