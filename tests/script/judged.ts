/**
 * All names that a confined script finds, and what each of them can do. Where a new Deno brings a new name, `surface_test.ts` fails until
 * somebody has looked at it and put it here.
 * @module
 */

/** What was said of names: by where they are found, the names with blanks between them. */
export type Judged = Readonly<Record<string, string>>;

/** The language itself, which knows no files and no network. The members of these are not looked at. */
export const LANGUAGE = `
  Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise
  RegExp Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError globalThis JSON
  Math Intl ArrayBuffer Atomics Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array BigUint64Array
  BigInt64Array Uint8ClampedArray Float32Array Float64Array DataView Map BigInt Set Iterator WeakMap WeakSet Proxy
  Reflect FinalizationRegistry WeakRef decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape
  eval isFinite isNaN Temporal SuppressedError DisposableStack AsyncDisposableStack Float16Array SharedArrayBuffer
`;

/** How far names reach. */
export const JUDGED: Readonly<Record<"own" | "asks" | "closed" | "told", Judged>> = {
  /** No further than the script's own process, and what it prints. */
  own: {
    AbortController: "abort signal",
    AbortSignal: "abort aborted addEventListener any onabort reason removeEventListener throwIfAborted timeout",
    Blob: "arrayBuffer bytes size slice stream text textStream type",
    BroadcastChannel: "close onmessage onmessageerror postMessage",
    Buffer: `
      alloc allocUnsafe allocUnsafeSlow asciiSlice asciiWrite base64Slice base64Write base64urlSlice base64urlWrite
      byteLength compare concat copy copyBytesFrom equals fill from hexSlice hexWrite includes indexOf inspect
      isBuffer isEncoding lastIndexOf latin1Slice latin1Write of offset parent poolSize readBigInt64BE readBigInt64LE
      readBigUInt64BE readBigUInt64LE readBigUint64BE readBigUint64LE readDoubleBE readDoubleLE readFloatBE
      readFloatLE readInt16BE readInt16LE readInt32BE readInt32LE readInt8 readIntBE readIntLE readUInt16BE
      readUInt16LE readUInt32BE readUInt32LE readUInt8 readUIntBE readUIntLE readUint16BE readUint16LE readUint32BE
      readUint32LE readUint8 readUintBE readUintLE slice subarray swap16 swap32 swap64 toJSON toLocaleString toString
      ucs2Slice ucs2Write utf8Slice utf8Write write writeBigInt64BE writeBigInt64LE writeBigUInt64BE writeBigUInt64LE
      writeBigUint64BE writeBigUint64LE writeDoubleBE writeDoubleLE writeFloatBE writeFloatLE writeInt16BE
      writeInt16LE writeInt32BE writeInt32LE writeInt8 writeIntBE writeIntLE writeUInt16BE writeUInt16LE writeUInt32BE
      writeUInt32LE writeUInt8 writeUIntBE writeUIntLE writeUint16BE writeUint16LE writeUint32BE writeUint32LE
      writeUint8 writeUintBE writeUintLE
    `,
    ByteLengthQueuingStrategy: "highWaterMark size",
    CloseEvent: "code reason wasClean",
    CompressionStream: "readable writable",
    CountQueuingStrategy: "highWaterMark size",
    Crypto: "create getRandomValues randomUUID registerSymbols subtle",
    CryptoKey: "algorithm exportNodeMaterial extractable fromCloneData importSync type usages",
    CustomEvent: "detail",
    DOMException: `
      ABORT_ERR DATA_CLONE_ERR DOMSTRING_SIZE_ERR HIERARCHY_REQUEST_ERR INDEX_SIZE_ERR INUSE_ATTRIBUTE_ERR
      INVALID_ACCESS_ERR INVALID_CHARACTER_ERR INVALID_MODIFICATION_ERR INVALID_NODE_TYPE_ERR INVALID_STATE_ERR
      NAMESPACE_ERR NETWORK_ERR NOT_FOUND_ERR NOT_SUPPORTED_ERR NO_DATA_ALLOWED_ERR NO_MODIFICATION_ALLOWED_ERR
      QUOTA_EXCEEDED_ERR SECURITY_ERR SYNTAX_ERR TIMEOUT_ERR TYPE_MISMATCH_ERR URL_MISMATCH_ERR VALIDATION_ERR
      WRONG_DOCUMENT_ERR code message
    `,
    DOMMatrix: `
      a b c d e f fromFloat32Array fromFloat64Array fromMatrix invertSelf m11 m12 m13 m14 m21 m22 m23 m24 m31 m32 m33
      m34 m41 m42 m43 m44 multiplySelf preMultiplySelf rotateAxisAngleSelf rotateFromVectorSelf rotateSelf scale3dSelf
      scaleSelf setMatrixValue skewXSelf skewYSelf translateSelf
    `,
    DOMMatrixReadOnly: `
      a b c d e f flipX flipY fromFloat32Array fromFloat64Array fromMatrix inverse is2D isIdentity m11 m12 m13 m14 m21
      m22 m23 m24 m31 m32 m33 m34 m41 m42 m43 m44 multiply rotate rotateAxisAngle rotateFromVector scale scale3d
      scaleNonUniform skewX skewY toFloat32Array toFloat64Array toJSON toString transformPoint translate
    `,
    DOMPoint: "fromPoint w x y z",
    DOMPointReadOnly: "fromPoint matrixTransform toJSON w x y z",
    DOMQuad: "fromQuad fromRect getBounds p1 p2 p3 p4 toJSON",
    DOMRect: "fromRect height width x y",
    DOMRectReadOnly: "bottom fromRect height left right toJSON top width x y",
    DecompressionStream: "readable writable",
    Deno: `
      SeekMode addSignalListener bench errors exit exitCode inspect lint refTimer removeSignalListener stderr stdin
      stdout telemetry test unrefTimer
    `,
    "Deno.SeekMode": "0 1 2 Current End Start",
    "Deno.errors": `
      AddrInUse AddrNotAvailable AlreadyExists BadResource BrokenPipe Busy ConnectionAborted ConnectionRefused
      ConnectionReset FilesystemLoop Http Interrupted InvalidData IsADirectory NetworkUnreachable NotADirectory
      NotCapable NotConnected NotFound NotSupported PermissionDenied TimedOut UnexpectedEof WouldBlock WriteZero
    `,
    "Deno.lint": "runPlugin",
    "Deno.stderr": "close isTerminal rid writable write writeSync",
    "Deno.stdin": "close isTerminal read readSync readable rid setRaw",
    "Deno.stdout": "close isTerminal rid writable write writeSync",
    "Deno.telemetry": "contextManager meterProvider tracerProvider",
    "Deno.test": "afterAll afterEach beforeAll beforeEach each ignore only sanitizer",
    ErrorEvent: "colno error filename lineno message",
    Event: `
      AT_TARGET BUBBLING_PHASE CAPTURING_PHASE NONE bubbles cancelBubble cancelable composed composedPath
      currentTarget defaultPrevented eventPhase initialized isTrusted preventDefault returnValue srcElement
      stopImmediatePropagation stopPropagation target timeStamp type
    `,
    EventTarget: "addEventListener dispatchEvent getParent removeEventListener",
    File: "lastModified",
    FileReader: `
      DONE EMPTY LOADING abort error onabort onerror onload onloadend onloadstart onprogress readAsArrayBuffer
      readAsBinaryString readAsDataURL readAsText readyState result
    `,
    FormData: "append delete entries forEach get getAll has keys set values",
    Headers: "append delete entries forEach get getSetCookie has keys set values",
    ImageBitmap: "close height width",
    ImageBitmapRenderingContext: "canvas transferFromImageBitmap",
    ImageData: "colorSpace data height pixelFormat width",
    Lock: "mode",
    LockManager: "query request",
    MessageChannel: "port1 port2",
    MessageEvent: "source",
    MessagePort: "close hasRef onmessage onmessageerror postMessage ref start unref",
    OffscreenCanvas: "convertToBlob getContext height transferToImageBitmap width",
    Performance: `
      clearMarks clearMeasures clearResourceTimings getEntries getEntriesByName getEntriesByType mark measure now
      setResourceTimingBufferSize timeOrigin toJSON
    `,
    PerformanceEntry: "duration entryType startTime toJSON",
    PerformanceMark: "detail entryType toJSON",
    PerformanceMeasure: "detail entryType toJSON",
    PerformanceObserver: "disconnect observe supportedEntryTypes takeRecords",
    PerformanceObserverEntryList: "getEntries getEntriesByName getEntriesByType",
    PromiseRejectionEvent: "promise reason",
    QuotaExceededError: "quota requested",
    ReadableByteStreamController: "byobRequest close desiredSize enqueue error",
    ReadableStream: "cancel from getReader locked pipeThrough pipeTo tee values",
    ReadableStreamBYOBReader: "cancel closed read releaseLock",
    ReadableStreamBYOBRequest: "respond respondWithNewView view",
    ReadableStreamDefaultController: "close desiredSize enqueue error",
    ReadableStreamDefaultReader: "cancel closed read releaseLock",
    Request: `
      arrayBuffer blob body bodyUsed bytes cache clone credentials formData headers integrity json keepalive method
      mode redirect referrer referrerPolicy signal text textStream url
    `,
    Response: `
      arrayBuffer blob body bodyUsed bytes clone error formData headers json ok redirect redirected status statusText
      text textStream type url
    `,
    Storage: "clear getItem key removeItem setItem",
    SubtleCrypto: `
      create decapsulateBits decapsulateKey decrypt deriveBits deriveKey digest encapsulateBits encapsulateKey encrypt
      exportKey generateKey getPublicKey importKey sign supports unwrapKey verify wrapKey
    `,
    TextDecoder: "decode encoding fatal ignoreBOM",
    TextDecoderStream: "encoding fatal ignoreBOM readable writable",
    TextEncoder: "encode encodeInto encoding",
    TextEncoderStream: "encoding readable writable",
    TransformStream: "readable writable",
    TransformStreamDefaultController: "desiredSize enqueue error terminate",
    URL: `
      canParse createObjectURL hash host hostname href origin parse password pathname port protocol revokeObjectURL
      search searchParams toJSON toString username
    `,
    URLPattern: "exec hasRegExpGroups hash hostname password pathname port protocol search test username",
    URLSearchParams: "append delete entries forEach get getAll has keys set size sort toString values",
    WebAssembly: `
      CompileError Exception Global Instance JSTag LinkError Memory Module RuntimeError SuspendError Suspending Table
      Tag compile compileStreaming instantiate instantiateStreaming promising validate
    `,
    WritableStream: "abort close getWriter locked",
    WritableStreamDefaultController: "error signal",
    WritableStreamDefaultWriter: "abort close closed desiredSize ready releaseLock write",
    console: `
      Console _stderr _stdout assert clear context count countReset createTask debug dir dirxml error group
      groupCollapsed groupEnd indentLevel info log profile profileEnd table time timeEnd timeLog timeStamp trace warn
    `,
    crypto: "getRandomValues randomUUID subtle",
    globalThis: `
      AbortController AbortSignal Blob BroadcastChannel Buffer ByteLengthQueuingStrategy CloseEvent CompressionStream
      CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DOMMatrix DOMMatrixReadOnly DOMPoint
      DOMPointReadOnly DOMQuad DOMRect DOMRectReadOnly DecompressionStream DedicatedWorkerGlobalScope Deno ErrorEvent
      Event EventTarget File FileReader FormData Headers ImageBitmap ImageBitmapRenderingContext ImageData Lock
      LockManager MessageChannel MessageEvent MessagePort OffscreenCanvas Performance PerformanceEntry PerformanceMark
      PerformanceMeasure PerformanceObserver PerformanceObserverEntryList ProgressEvent PromiseRejectionEvent
      QuotaExceededError ReadableByteStreamController ReadableStream ReadableStreamBYOBReader
      ReadableStreamBYOBRequest ReadableStreamDefaultController ReadableStreamDefaultReader Request Response Storage
      SubtleCrypto TextDecoder TextDecoderStream TextEncoder TextEncoderStream TransformStream
      TransformStreamDefaultController URL URLPattern URLSearchParams WebAssembly Window WorkerGlobalScope
      WritableStream WritableStreamDefaultController WritableStreamDefaultWriter atob btoa clearImmediate
      clearInterval clearTimeout close closed console createImageBitmap crypto global nodeBootstrap onbeforeunload
      onerror onload onmessage onunhandledrejection onunload performance postMessage process queueMicrotask
      reportError self sessionStorage setImmediate setInterval setTimeout structuredClone
    `,
    "navigator.locks": "query request",
    performance: `
      clearMarks clearMeasures clearResourceTimings getEntries getEntriesByName getEntriesByType mark measure now
      setResourceTimingBufferSize timeOrigin toJSON
    `,
    sessionStorage: "clear getItem key removeItem setItem",
  },
  /** Further, and each asks for a permission of Deno's that a confined script does not have; `tests/host/hostile/system.ts` tries them. */
  asks: {
    Deno: `
      ChildProcess Command FsFile HttpClient PermissionStatus Permissions Process UnsafeCallback UnsafeFnPointer
      UnsafePointer UnsafePointerView chdir chmod chmodSync chown chownSync connect connectTls copyFile copyFileSync
      create createHttpClient createSync dlopen env gid hostname internal kill link linkSync listen listenTls loadavg
      lstat lstatSync makeTempDir makeTempDirSync makeTempFile makeTempFileSync mkdir mkdirSync networkInterfaces open
      openSync osRelease osUptime permissions readDir readDirSync readFile readFileSync readLink readLinkSync
      readTextFile readTextFileSync realPath realPathSync remove removeSync rename renameSync resolveDns run serve
      serveHttp spawn spawnAndWait spawnAndWaitSync startTls stat statSync symlink symlinkSync systemMemoryInfo
      truncate truncateSync uid umask upgradeWebSocket utime utimeSync watchFs writeFile writeFileSync writeTextFile
      writeTextFileSync
    `,
    "Deno.ChildProcess": "kill output pid ref status stderr stdin stdout unref",
    "Deno.Command": "output outputSync spawn",
    "Deno.FsFile": `
      close isTerminal lock lockSync read readSync readable seek seekSync setRaw stat statSync sync syncData
      syncDataSync syncSync truncate truncateSync tryLock tryLockSync unlock unlockSync utime utimeSync writable write
      writeSync
    `,
    "Deno.HttpClient": "close",
    "Deno.PermissionStatus": "dispatchEvent partial state",
    "Deno.Permissions": "query querySync request requestSync revoke revokeSync",
    "Deno.Process": "close kill output status stderrOutput",
    "Deno.UnsafeCallback": "close ref threadSafe unref",
    "Deno.UnsafeFnPointer": "call",
    "Deno.UnsafePointer": "create equals of offset value",
    "Deno.UnsafePointerView": `
      copyInto getArrayBuffer getBigInt64 getBigUint64 getBool getCString getFloat32 getFloat64 getInt16 getInt32
      getInt8 getPointer getUint16 getUint32 getUint8
    `,
    "Deno.env": "delete get has set toObject",
    "Deno.internal": `
      Console __bootstrapNodeProcess __initWorkerThreads __inspectorNetwork __nodeBootstrapArgs
      __nodeProcessBootstrapped __telemetry __telemetryUtil _dispatchedFatalErrors addTrailers
      buildCaseInsensitiveCommaValueFinder closeIdleConnections core createTlsKeyResolver cssToAnsi defineEventHandler
      dispatchProcessBeforeExitEvent dispatchProcessExitEvent formatToCronSchedule getBitmapData getCachedAbortSignal
      getExtraPipeRids getIpcPipeRid getPeerCertificate getTurbocallTarget inspectArgs isFromUnconfiguredRuntime
      kExtraStdio kKeyObject log parseCss parseCssColor parseScheduleToString pathFromURL readableStreamForRid
      resetLegacyAbortWarning resolverSymbol resourceForReadableStream serveHttpOnConnection serveHttpOnListener
      serverNameSymbol setEventTargetData webidl webidlBrand writableStreamForRid
    `,
    "Deno.permissions": "query querySync request requestSync revoke revokeSync",
    EventSource: "CLOSED CONNECTING OPEN close onerror onmessage onopen readyState url withCredentials",
    WebSocket: `
      CLOSED CLOSING CONNECTING OPEN binaryType bufferedAmount close extensions onclose onerror onmessage onopen
      protocol readyState send url
    `,
    Worker: "onerror onmessage onmessageerror postMessage terminate",
    globalThis: "EventSource WebSocket Worker fetch",
    node: `
      _http_agent _http_common _http_outgoing _http_server _stream_duplex _stream_passthrough _stream_readable
      _stream_transform _stream_writable _tls_common _tls_wrap assert assert/strict async_hooks buffer child_process
      cluster console constants crypto dgram diagnostics_channel dns dns/promises domain events fs fs/promises http
      http2 https inspector inspector/promises module net node:sqlite node:test node:test/reporters os path path/posix
      path/win32 perf_hooks process punycode querystring readline readline/promises repl stream stream/consumers
      stream/promises stream/web string_decoder sys timers timers/promises tls trace_events tty url util util/types v8
      vm wasi worker_threads zlib
    `,
    process: `
      _debugEnd _debugProcess _eval _events _eventsCount _exiting _fatalException _getActiveHandles _getActiveRequests
      _kill _maxListeners _rawDebug abort addListener allowedNodeEnvironmentFlags arch argv argv0 availableMemory
      binding channel chdir config connected constrainedMemory cpuUsage cwd debugPort disconnect dlopen emit
      emitWarning env execArgv execPath exit exitCode features getActiveResourcesInfo getBuiltinModule getegid geteuid
      getgid getgroups getuid hasUncaughtExceptionCaptureCallback hrtime initgroups kill loadEnvFile mainModule
      memoryUsage moduleLoadList nextTick noDeprecation off on openStdin pid platform ppid prependListener reallyExit
      release removeAllListeners removeListener report resourceUsage send setSourceMapsEnabled
      setUncaughtExceptionCaptureCallback setegid seteuid setgid setgroups setuid sourceMapsEnabled stderr stdin
      stdout threadCpuUsage title umask uptime version versions
    `,
  },
  /** Further, and Deno asks for no permission: Latch closes them, as `surface_test.ts` shows. */
  closed: {
    Cache: "delete keys match put",
    CacheStorage: "delete has keys match open",
    Deno: "jupyter",
    "Deno.jupyter": "throws:Error",
    Navigator: "gpu",
    WorkerNavigator: "gpu",
    caches: "delete has keys match open",
    globalThis: `
      Cache CacheStorage GPU GPUAdapter GPUAdapterInfo GPUBindGroup GPUBindGroupLayout GPUBuffer GPUBufferUsage
      GPUCanvasContext GPUColorWrite GPUCommandBuffer GPUCommandEncoder GPUCompilationInfo GPUCompilationMessage
      GPUComputePassEncoder GPUComputePipeline GPUDevice GPUDeviceLostInfo GPUError GPUInternalError GPUMapMode
      GPUOutOfMemoryError GPUPipelineError GPUPipelineLayout GPUQuerySet GPUQueue GPURenderBundle
      GPURenderBundleEncoder GPURenderPassEncoder GPURenderPipeline GPUSampler GPUShaderModule GPUShaderStage
      GPUSupportedFeatures GPUSupportedLimits GPUTexture GPUTextureUsage GPUTextureView GPUUncapturedErrorEvent
      GPUValidationError alert caches confirm localStorage prompt
    `,
    localStorage: "throws:NotADirectory",
    navigator: "gpu",
  },
  /** They tell of this machine what a script may know: its language, its processors, where it is. */
  told: {
    Deno: "args build consoleSize cpuUsage cwd execPath isatty mainModule memoryUsage noColor pid ppid version",
    "Deno.build": "arch env os standalone target vendor",
    "Deno.version": "deno typescript v8",
    Navigator: "hardwareConcurrency language languages locks platform userAgent userAgentData",
    NavigatorUAData: "brands getHighEntropyValues mobile platform toJSON",
    WorkerLocation: "hash host hostname href origin pathname port protocol search toString",
    WorkerNavigator: "hardwareConcurrency language languages locks platform userAgent userAgentData",
    globalThis: "Location Navigator NavigatorUAData WorkerLocation WorkerNavigator location navigator",
    location: "hash host hostname href origin pathname port protocol search toString",
    navigator: "hardwareConcurrency language languages locks platform userAgent userAgentData",
    "navigator.userAgentData": "brands getHighEntropyValues mobile platform toJSON",
  },
};
