"""What an auditor gets of one report: everything that proves it, and a program that checks it without this one."""
