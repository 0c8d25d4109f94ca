// A plain server of Go's: server ADDRESS:PORT IDLE_MS
package main

import (
	"net/http"
	"os"
	"strconv"
	"time"
)

func main() {
	idle, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	server := &http.Server{Addr: os.Args[1], IdleTimeout: time.Duration(idle) * time.Millisecond}
	panic(server.ListenAndServe())
}
