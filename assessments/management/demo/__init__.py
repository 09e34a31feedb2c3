"""A world to look at: invented companies, two years of their alliances, and somebody to sign in as.

What it is stands in content/, as YAML; the code here tells it through the product's own operations,
day by day, as if it had been recorded when it happened. Days are counted from today's quarter, so
the world is always fresh, and the same day gives the same world.
"""
