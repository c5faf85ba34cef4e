// An extension of the engine whose one command never comes back: what runs it is as stuck as an engine can be.
#include <windows.h>

__declspec(dllexport) HRESULT CALLBACK DebugExtensionInitialize(PULONG version, PULONG flags) {
  *version = 1 << 16;
  *flags = 0;
  return S_OK;
}

__declspec(dllexport) HRESULT CALLBACK stuck(void *client, const char *arguments) {
  (void)client, (void)arguments;
  Sleep(INFINITE);
  return S_OK;
}

BOOL WINAPI DllMainCRTStartup(HINSTANCE instance, DWORD reason, LPVOID reserved) {
  (void)instance, (void)reason, (void)reserved;
  return TRUE;
}
