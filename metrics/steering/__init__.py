"""The programme: tasks and milestones, meetings, drills, risks, suppliers, the innovation fund."""
