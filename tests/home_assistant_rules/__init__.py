"""What Home Assistant's hassfest and HACS ask of a custom integration: each module finds faults."""
