"""When a host may be requested: turns across the cluster, and robots.txt."""
