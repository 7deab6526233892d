import OpsCLI
