# The API as an image: docker build -t tasktracker . (deploy/README.md says how it is run, and what of this was exercised)

# ---- everything, to build with
FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY demo/old-worker/package.json demo/old-worker/
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

# ---- what it needs to run, and nothing else
FROM node:22-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
COPY demo/old-worker/package.json demo/old-worker/
RUN npm ci --omit=dev --workspaces=false --ignore-scripts --no-audit --no-fund && npm cache clean --force

FROM node:22-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 LOG_FORMAT=json
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json schema.graphql LICENSE ./
USER node
EXPOSE 4000
STOPSIGNAL SIGTERM
# Whether it serves; whether it is ready is for who sends it requests to ask (/health/ready).
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# As process 1 it is sent SIGTERM itself, and ends in order.
ENTRYPOINT ["node", "dist/cli.js"]
CMD ["serve"]
