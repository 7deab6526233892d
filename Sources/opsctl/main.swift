import OpsCLI

await Opsctl.run()
