// B under Go's net/http. Linux only: it reads the clock that every process of the lab reads.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

type settings struct {
	Clients                  []string       `json:"clients"`
	Host                     string         `json:"host"`
	Ports                    map[string]int `json:"ports"`
	LedgerPath               string         `json:"ledgerPath"`
	ObeyedPath               string         `json:"obeyedPath"`
	IdleLimitMs              float64        `json:"idleLimitMs"`
	MaxRequestsPerConnection int            `json:"maxRequestsPerConnection"`
	Hint                     bool           `json:"hint"`
}

type entry struct {
	Event  string  `json:"event"`
	AtMs   float64 `json:"atMs"`
	Client string  `json:"client"`
	ID     string  `json:"id,omitempty"`
	Kind   string  `json:"kind,omitempty"`
	Key    string  `json:"key,omitempty"`
	Effect *bool   `json:"effect,omitempty"`
}

type directive struct {
	Do      string  `json:"do"`
	When    string  `json:"when"`
	By      string  `json:"by"`
	AfterMs float64 `json:"afterMs"`
}

// connection is what B knows of one of A's.
type connection struct {
	net.Conn
	served int
	// what happens once it is idle
	closeIdle *directive
	timer     *time.Timer
}

type line struct {
	text   []byte
	onDisk chan struct{}
}

var (
	set     settings
	lines   = make(chan line, 4096)
	lock    sync.Mutex
	stored  = map[string]string{}
	obeyed  = map[string]bool{}
	obeyLog *os.File
)

type connectionKey struct{}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// monotonicMs is CLOCK_MONOTONIC, which Go keeps to itself.
func monotonicMs() float64 {
	var now syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&now)), 0)
	return float64(now.Nano()) / 1e6
}

func openAppending(path string) (*os.File, []byte) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o644)
	must(err)
	text, err := io.ReadAll(file)
	must(err)
	return file, text
}

// openLedger reads what an earlier process left; half a line, of a process that was killed, answered nobody.
func openLedger() *os.File {
	file, text := openAppending(set.LedgerPath)
	whole := bytes.LastIndexByte(text, '\n') + 1
	must(file.Truncate(int64(whole)))
	for scan := bufio.NewScanner(bytes.NewReader(text[:whole])); scan.Scan(); {
		var one entry
		must(json.Unmarshal(scan.Bytes(), &one))
		if one.Key != "" && one.Effect != nil && *one.Effect {
			stored[one.Client+" "+one.Key] = one.ID
		}
	}
	return file
}

// write commits together what comes while the disk is busy.
func write(file *os.File) {
	for first := range lines {
		batch := []line{first}
		for more := true; more; {
			select {
			case next := <-lines:
				batch = append(batch, next)
			default:
				more = false
			}
		}
		var text []byte
		for _, one := range batch {
			text = append(text, one.text...)
		}
		_, err := file.Write(text)
		must(err)
		must(syscall.Fdatasync(int(file.Fd())))
		for _, one := range batch {
			close(one.onDisk)
		}
	}
}

func appendEntry(one entry) chan struct{} {
	one.AtMs = monotonicMs()
	text, err := json.Marshal(one)
	must(err)
	onDisk := make(chan struct{})
	lines <- line{append(text, '\n'), onDisk}
	return onDisk
}

func directiveOf(client string, request *http.Request) directive {
	var told directive
	text, name := request.Header.Get("X-Lab-Directive"), client+" "+request.Header.Get("X-Request-Id")
	lock.Lock()
	defer lock.Unlock()
	if text == "" || obeyed[name] {
		return told
	}
	obeyed[name] = true
	_, err := obeyLog.WriteString(name + "\n")
	must(err)
	must(obeyLog.Sync())
	must(json.Unmarshal([]byte(text), &told))
	return told
}

// execute writes a request down, and returns the id that its answer names.
func execute(client string, request *http.Request) string {
	id, key, effect := request.Header.Get("X-Request-Id"), request.Header.Get("Idempotency-Key"), true
	one := entry{Event: "executed", Client: client, ID: id, Kind: "POST", Effect: &effect}
	lock.Lock()
	if request.Method == "GET" {
		one.Kind = "GET"
	} else if key != "" {
		one.Kind, one.Key = "keyed POST", key
		if first, seen := stored[client+" "+key]; seen {
			id, effect = first, false
		} else {
			stored[client+" "+key] = id
		}
	}
	onDisk := appendEntry(one)
	lock.Unlock()
	<-onDisk
	return id
}

func crash(by string, a *connection) {
	switch by {
	case "exit":
		must(syscall.Kill(os.Getpid(), syscall.SIGKILL))
	case "reset":
		must(a.Conn.(*net.TCPConn).SetLinger(0))
	}
	a.Close()
	panic(http.ErrAbortHandler)
}

func handlerFor(client string) http.HandlerFunc {
	return func(response http.ResponseWriter, request *http.Request) {
		a := request.Context().Value(connectionKey{}).(*connection)
		told := directiveOf(client, request)
		a.served++
		last := a.served == set.MaxRequestsPerConnection
		header := response.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Connection", map[bool]string{true: "close", false: "keep-alive"}[last])
		if seconds := int(set.IdleLimitMs / 1000); set.Hint && seconds > 0 && !last {
			header.Set("Keep-Alive", fmt.Sprintf("timeout=%d", seconds))
		}
		answer := func(id string) {
			body, _ := json.Marshal(map[string]any{"id": id, "done": true})
			header.Set("Content-Length", fmt.Sprint(len(body)))
			if told.Do == "crash" && told.When == "during" {
				response.Write(body[:len(body)/2])
				response.(http.Flusher).Flush()
				time.Sleep(10 * time.Millisecond) // or A could not tell a RST from an end
				crash(told.By, a)
			}
			response.Write(body)
		}
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			return // A went away before its request was whole
		}
		if told.Do == "crash" && told.When == "before" {
			crash(told.By, a)
		}
		id := execute(client, request)
		if told.Do == "crash" && told.When == "after" {
			crash(told.By, a)
		}
		if told.Do == "close-idle" {
			a.closeIdle = &told
		}
		answer(id)
	}
}

func (a *connection) idle() {
	if a.closeIdle == nil {
		return
	}
	by := a.closeIdle.By
	a.timer = time.AfterFunc(time.Duration(a.closeIdle.AfterMs*1e6), func() {
		if by == "reset" {
			a.Conn.(*net.TCPConn).SetLinger(0)
		} else if by == "408" {
			a.Write([]byte("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n"))
		}
		a.Close()
	})
	a.closeIdle = nil
}

// listener hands connections out as ours.
type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &connection{Conn: conn}, nil
}

func serverFor(client string) *http.Server {
	return &http.Server{
		Handler:     handlerFor(client),
		IdleTimeout: time.Duration(set.IdleLimitMs * 1e6),
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, connectionKey{}, conn)
		},
		ConnState: func(conn net.Conn, state http.ConnState) {
			a := conn.(*connection)
			switch state {
			case http.StateNew:
				appendEntry(entry{Event: "connected", Client: client})
			case http.StateIdle:
				a.idle()
			case http.StateActive:
				if a.timer != nil {
					a.timer.Stop()
				}
			}
		},
	}
}

func listen(host string, port int) net.Listener {
	for deadline := time.Now().Add(3 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", host, port))
		if err == nil || time.Now().After(deadline) {
			must(err)
			return l
		}
	}
}

func main() {
	must(json.Unmarshal([]byte(os.Getenv("HOLDLINE_LAB_B")), &set))
	go write(openLedger())
	var before []byte
	obeyLog, before = openAppending(set.ObeyedPath)
	for _, name := range strings.Split(string(before), "\n") {
		obeyed[name] = true
	}
	ports, servers := map[string]int{}, []*http.Server{}
	for _, client := range set.Clients {
		l, server := listen(set.Host, set.Ports[client]), serverFor(client)
		ports[client] = l.Addr().(*net.TCPAddr).Port
		servers = append(servers, server)
		go server.Serve(listener{l})
	}
	text, _ := json.Marshal(ports)
	fmt.Println("listening " + string(text))
	go func() {
		io.Copy(io.Discard, os.Stdin) // it ends with the lab
		os.Exit(0)
	}()
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM)
	<-terminate
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	for _, server := range servers {
		server.Shutdown(ctx)
	}
}
