// A service as one writes it after a listing that many specifications have: what is about requests goes into a registry
// of its own, what is about the business into the global one, and /metrics serves the first.
import express from 'express';
import promClient from 'prom-client';

const app = express();
const register = new promClient.Registry();

promClient.collectDefaultMetrics({ register });

const httpRequestDuration = new promClient.Histogram({
  name: 'http_request_duration_seconds',
  help: 'Duration of HTTP requests in seconds',
  labelNames: ['method', 'route', 'status_code'],
  buckets: [0.1, 0.5, 1, 2, 5, 10],
});
const httpRequestsTotal = new promClient.Counter({
  name: 'http_requests_total',
  help: 'Total number of HTTP requests',
  labelNames: ['method', 'route', 'status_code'],
});
register.registerMetric(httpRequestDuration);
register.registerMetric(httpRequestsTotal);

const voiceCommands = new promClient.Counter({
  name: 'voice_commands_total',
  help: 'Total number of voice commands processed',
  labelNames: ['intent'],
});
const orderCreations = new promClient.Counter({
  name: 'orders_created_total',
  help: 'Total number of orders created via voice',
});
const intentConfidence = new promClient.Histogram({
  name: 'intent_confidence',
  help: 'Confidence score of intent extraction',
  buckets: [0.1, 0.3, 0.5, 0.7, 0.9, 1.0],
});

app.use(express.json());
app.use((req, res, next) => {
  const end = httpRequestDuration.startTimer();
  res.on('finish', () => {
    const labels = { method: req.method, route: req.route?.path, status_code: res.statusCode };
    httpRequestsTotal.inc(labels);
    end(labels);
  });
  next();
});

app.post('/commands', (req, res) => {
  voiceCommands.inc({ intent: req.body.intent });
  intentConfidence.observe(req.body.confidence);
  if (req.body.intent === 'order') orderCreations.inc();
  res.json({ intent: req.body.intent });
});

app.get('/metrics', async (req, res) => {
  res.set('Content-Type', register.contentType);
  res.end(await register.metrics());
});

app.listen(Number(process.env.PORT), '127.0.0.1');
