"""Write the report and the model card from what the stages wrote. May import tasks and below."""
