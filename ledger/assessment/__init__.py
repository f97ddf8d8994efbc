"""What the rules of a corridor say of one shipment: pure, without database, network or clock."""
