"""When a host may be asked: turns across the cluster, and robots.txt."""
