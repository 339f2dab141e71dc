import Foundation

// A peer that goes away while it is written to is an error of that write, not the end of the program.
signal(SIGPIPE, SIG_IGN)
exit(CommandLineTool.run(Array(CommandLine.arguments.dropFirst())))
