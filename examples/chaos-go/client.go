// Calls B over connections that it keeps, with pauses of about B's idle limit, and prints what became of the calls.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"sort"
	"strings"
	"sync"
	"time"
)

var pausesMs = []int{300, 900, 920, 930, 940, 950, 960, 970, 980, 990}

const calls = 3

func post(client *http.Client, to string) error {
	response, err := client.Post(to, "application/json", strings.NewReader(`{"item":7}`))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body) // or the connection is not kept
	return err
}

func main() {
	idle := flag.Duration("idle", 90*time.Second, "let go of a connection that was idle this long")
	flag.Parse()
	to := flag.Arg(0) + "/orders"
	sent, hungUp, names := 0, 0, map[string]int{}
	var lock sync.Mutex
	var lanes sync.WaitGroup
	for _, pauseMs := range pausesMs {
		lanes.Add(1)
		go func(pause time.Duration) {
			defer lanes.Done()
			// The cure is this one line. A transport for each lane, so that each keeps a connection of its own.
			client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{IdleConnTimeout: *idle}}
			for call := 0; call < calls; call++ {
				if call > 0 {
					time.Sleep(pause)
				}
				err := post(client, to)
				lock.Lock()
				sent++
				var failed *url.Error
				if errors.As(err, &failed) {
					hungUp++
					text := failed.Err.Error()
					names[text[strings.LastIndex(text, ": ")+1:]]++
				}
				lock.Unlock()
			}
		}(time.Duration(pauseMs) * time.Millisecond)
	}
	lanes.Wait()
	told := []string{}
	for name, count := range names {
		told = append(told, fmt.Sprintf("%s, %d times", strings.TrimSpace(name), count))
	}
	sort.Strings(told)
	json.NewEncoder(os.Stdout).Encode(map[string]any{"sent": sent, "hungUp": hungUp, "errors": told})
}
