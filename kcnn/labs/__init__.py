"""The claims of the lecture, each as an experiment that measures, judges and draws."""
