// A .NET program that does what it is asked for: reads its input to its end, or ends by an exception.
using System;

switch (args.Length > 0 ? args[0] : "") {
  case "read":
    return Console.In.ReadToEnd().Length > 0 ? 9 : 8;
  case "throw":
    throw new InvalidOperationException("on demand");
  case "null":
    unsafe { *(int*)null = 1; }
    return 1;
  case "fail":
    Environment.FailFast("on demand");
    return 1;
  default:
    try {
      throw new InvalidOperationException("handled");
    } catch (InvalidOperationException) {
      return 7;
    }
}
