"""Technical kit that knows no incidents: secrets, connections, logs, metrics, texts. It reads no clock."""
