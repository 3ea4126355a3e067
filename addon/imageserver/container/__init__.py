"""Before the server: what only root can do in a container, and what the container's engine asks."""
