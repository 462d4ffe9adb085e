"""Every screen there is: name, who looks at it, address. Pictures, axe and budgets all go through this list."""

CODE = "DT-{year}-0001"
SCREENS = (
    ("sign-in", "", "/login"),
    ("board", "an", "/incidents"),
    ("board-all", "an", "/incidents?state=all"),
    ("board-late", "an", "/incidents?due=late"),
    ("search", "an", "/incidents?q=sat lo"),
    ("search-none", "an", "/incidents?q=khong co gi"),
    ("quick-log", "an", "/incidents/new"),
    ("incident", "an", f"/incidents/{CODE}"),
    ("incident-feedback", "an", "/incidents/DT-{year}-0004"),
    ("incident-assign", "binh", f"/incidents/{CODE}/assign"),
    ("incident-move", "binh", f"/incidents/{CODE}/move"),
    ("incident-edit", "an", f"/incidents/{CODE}/edit"),
    ("incident-severity", "binh", f"/incidents/{CODE}/severity"),
    ("quick-reports", "an", "/quick-reports"),
    ("quick-report", "an", "/quick-reports/1"),
    ("quick-log-focal-point", "giang", "/incidents/new"),
    ("board-focal-point", "giang", "/incidents"),
    ("my-steps", "an", "/steps?mine"),
    ("alerts", "an", "/alerts"),
    ("account", "an", "/members/me"),
    ("board-leader", "ha", "/incidents"),
    ("members", "chi", "/members"),
    ("updates", "chi", "/updates"),
    ("not-found", "an", "/incidents/SK-2020-0001"),
)
