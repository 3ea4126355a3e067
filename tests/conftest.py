"""What all tests share."""

from hypothesis import HealthCheck, settings

# A machine under load makes an example slow, not wrong; and a run of CI is the same each time.
settings.register_profile(
    "project", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")
