// The DLL that modules.exe and events.exe load and unload: one export, no start-up work.
// It is linked without the C runtime, so that one load is one module event.
#include <windows.h>

__declspec(dllexport) int plugin_answer(void) {
  return 42;
}

BOOL WINAPI DllMainCRTStartup(HINSTANCE instance, DWORD reason, LPVOID reserved) {
  (void)instance, (void)reason, (void)reserved;
  return TRUE;
}
