"""How the units of larger twins look: painting only, no mechanics."""
