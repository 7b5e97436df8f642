// A service in Go that makes its metrics from catalog.json, which `tocsin build` writes; it stands beside this file.
package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

//go:embed catalog.json
var text []byte

type label struct {
	Name   string
	Values []string
}

type signal struct {
	Name, Type, Help, From string
	Labels                 []label
	Buckets                []float64
}

var (
	registry   = prometheus.NewRegistry()
	counters   = map[string]*prometheus.CounterVec{}
	gauges     = map[string]*prometheus.GaugeVec{}
	histograms = map[string]*prometheus.HistogramVec{}
	closed     = map[string]map[string]bool{}
)

// series returns the values of every series that is known beforehand: none if a label is open.
func series(labels []label) [][]string {
	found := [][]string{{}}
	for _, each := range labels {
		var longer [][]string
		for _, before := range found {
			for _, value := range each.Values {
				longer = append(longer, append(append([]string{}, before...), value))
			}
		}
		found = longer
	}
	return found
}

// declare makes the metrics of a service, and starts what is known beforehand at 0.
func declare(service string) error {
	var catalog struct {
		Services []struct {
			Name    string
			Signals []signal
		}
	}
	if err := json.Unmarshal(text, &catalog); err != nil {
		return err
	}
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, each := range catalog.Services {
		for _, signal := range each.Signals {
			if each.Name == service && signal.From != "library" {
				start(signal)
			}
		}
	}
	return nil
}

func start(signal signal) {
	var names []string
	for _, label := range signal.Labels {
		names = append(names, label.Name)
		known := map[string]bool{}
		for _, value := range label.Values {
			known[value] = true
		}
		closed[signal.Name+"."+label.Name] = known
	}
	switch signal.Type {
	case "counter":
		vector := prometheus.NewCounterVec(prometheus.CounterOpts{Name: signal.Name, Help: signal.Help}, names)
		registry.MustRegister(vector)
		counters[signal.Name] = vector
		for _, values := range series(signal.Labels) {
			vector.WithLabelValues(values...)
		}
	case "gauge":
		vector := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: signal.Name, Help: signal.Help}, names)
		registry.MustRegister(vector)
		gauges[signal.Name] = vector
	case "histogram":
		options := prometheus.HistogramOpts{Name: signal.Name, Help: signal.Help, Buckets: signal.Buckets}
		vector := prometheus.NewHistogramVec(options, names)
		registry.MustRegister(vector)
		histograms[signal.Name] = vector
		for _, values := range series(signal.Labels) {
			vector.WithLabelValues(values...)
		}
	}
}

// among returns a value if it is one of a closed label's, and "other" if it is none.
func among(label, value string) string {
	if closed[label][value] {
		return value
	}
	return "other"
}

func record(severity, message string) {
	counters["log_records_total"].WithLabelValues(severity).Inc()
	line, _ := json.Marshal(map[string]string{"severity": severity, "message": message})
	fmt.Println(string(line))
}

type answer struct {
	http.ResponseWriter
	status int
}

func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// observed counts and times what a route answers.
func observed(route string, handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		started, answer := time.Now(), &answer{w, http.StatusOK}
		inFlight := gauges["http_requests_in_flight"].WithLabelValues()
		inFlight.Inc()
		defer func() {
			inFlight.Dec()
			labels := []string{among("http_requests_total.method", r.Method), route, strconv.Itoa(answer.status)}
			counters["http_requests_total"].WithLabelValues(labels...).Inc()
			histograms["http_request_duration_seconds"].WithLabelValues(labels...).Observe(time.Since(started).Seconds())
		}()
		handle(answer, r)
	}
}

func main() {
	if err := declare("voice-commerce"); err != nil {
		log.Fatal(err)
	}
	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	http.HandleFunc("/commands", observed("/commands", func(w http.ResponseWriter, r *http.Request) {
		intent := among("voice_commands_total.intent", r.FormValue("intent"))
		counters["voice_commands_total"].WithLabelValues(intent).Inc()
		if confidence, err := strconv.ParseFloat(r.FormValue("confidence"), 64); err == nil {
			histograms["intent_confidence"].WithLabelValues().Observe(confidence)
		}
		if intent == "order" {
			counters["orders_created_total"].WithLabelValues().Inc()
			record("INFO", "Order created")
		}
	}))
	http.HandleFunc("/", observed("unmatched", http.NotFound))
	log.Fatal(http.ListenAndServe(":"+os.Getenv("PORT"), nil))
}
