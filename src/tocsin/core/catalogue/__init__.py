"""What is looked after and by whom: services, priorities, people, teams, roles."""
