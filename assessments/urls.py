from django.urls import path

from assessments.views import cycles, dashboards, jobs, questionnaires, rubrics, signals

app_name = "assessments"
urlpatterns = [
    # What sponsors and managers read
    path("portfolio/", dashboards.portfolio, name="portfolio"),
    path("alliances/<int:pk>/", dashboards.alliance, name="alliance"),
    path("alliances/<int:pk>/why/", dashboards.why, name="why"),
    path("alliances/<int:pk>/why/<slug:kind>/<slug:key>/", dashboards.why, name="why_node"),
    # Early warnings
    path("signals/", signals.signals, name="signals"),
    path("signals/<int:pk>/", signals.signal, name="signal"),
    # Cycles
    path("cycles/", cycles.cycles, name="cycles"),
    path("cycles/new/", cycles.new_cycle, name="new_cycle"),
    path("cycles/<int:pk>/", cycles.cycle, name="cycle"),
    path("cycles/<int:pk>/open/", cycles.open_cycle, name="open_cycle"),
    path("cycles/<int:pk>/opens-itself/", cycles.opens_itself, name="opens_itself"),
    path("cycles/<int:pk>/close/", cycles.close_cycle, name="close_cycle"),
    path("responses/<uuid:pk>/link/", cycles.send_link, name="send_link"),
    # Answering
    path("questionnaires/", questionnaires.my_questionnaires, name="my_questionnaires"),
    path(
        "questionnaires/<uuid:pk>/",
        questionnaires.questionnaire_review,
        name="questionnaire_review",
    ),
    path(
        "questionnaires/<uuid:pk>/receipt/",
        questionnaires.questionnaire_receipt,
        name="questionnaire_receipt",
    ),
    path(
        "questionnaires/<uuid:pk>/<slug:dimension>/",
        questionnaires.questionnaire,
        name="questionnaire",
    ),
    path("answer/<str:secret>/", questionnaires.answer, name="answer"),
    # Rubrics
    path("rubrics/", rubrics.rubrics, name="rubrics"),
    path("rubrics/<int:pk>/", rubrics.rubric, name="rubric"),
    # What runs by itself
    path("operations/", jobs.jobs, name="jobs"),
    path("operations/retry/", jobs.retry_jobs, name="retry_jobs"),
    path("operations/<int:pk>/retry/", jobs.retry_job, name="retry_job"),
]
