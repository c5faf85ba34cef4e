// What Go programs end of, what they get over, and what ends with the same code.
package main

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"unsafe"
)

type node struct{ value int }

//go:noinline
func read(n *node) int { return n.value }

//go:noinline
func deep(n int) int {
	var a [100]int
	a[n%100] = n
	return deep(n+1) + a[(n+7)%100]
}

func recovered(f func()) {
	defer func() { fmt.Println("recovered:", recover()) }()
	f()
}

func fail() { panic("on purpose") }

func main() {
	what := "exit"
	if len(os.Args) > 1 {
		what = os.Args[1]
	}
	zero := len(os.Args) - 2
	switch what {
	case "exit":
		os.Exit(7)
	case "read":
		io.Copy(io.Discard, os.Stdin)
		os.Exit(9)
	case "recovered":
		recovered(fail)
		os.Exit(3)
	case "recovered-nil":
		recovered(func() { read(nil) })
		os.Exit(2)
	case "recovered-goroutine":
		done := make(chan bool)
		go func() {
			recovered(func() { read(nil) })
			close(done)
		}()
		<-done
		os.Exit(2)
	case "usage":
		os.Exit(2)
	case "panic":
		fail()
	case "goroutine":
		go fail()
		select {}
	case "divide":
		fmt.Println(1 / zero)
	case "overflow":
		fmt.Println(deep(1))
	case "deadlock":
		select {}
	case "nil":
		fmt.Println(read(nil))
	case "nil-goroutine":
		go func() { fmt.Println(read(nil)) }()
		select {}
	case "wild":
		fmt.Println(*(*int)(unsafe.Pointer(uintptr(0x123456789000))))
	case "dll":
		syscall.NewLazyDLL("ntdll.dll").NewProc("RtlFillMemory").Call(0x1000, 16, 1)
	}
}
