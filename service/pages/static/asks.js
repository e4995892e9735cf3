// The three ways of asking on this page: which question each puts, what its cell formula reads from A2, and what it can show.
export const ASKS = {
  budget: { question: "optimal", reads: "compute", shows: ["params", "tokens", "tokens_per_param", "loss"] },
  target: { question: "target", reads: "loss", shows: ["compute", "params", "tokens"] },
  fleet: { question: "plan", reads: "count", shows: ["hours", "compute", "params", "tokens", "loss", "cost", "energy_kwh"] },
};
