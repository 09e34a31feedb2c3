from django.urls import path

from assessments.views import dashboards, rubrics

app_name = "assessments"
urlpatterns = [
    path("portfolio/", dashboards.portfolio, name="portfolio"),
    path("alliances/<int:pk>/", dashboards.alliance, name="alliance"),
    path("rubrics/", rubrics.rubrics, name="rubrics"),
    path("rubrics/<int:pk>/", rubrics.rubric, name="rubric"),
]
