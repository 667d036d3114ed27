// PostGraphile on the hub's golden tables, set up as its documentation says for production.
// Environment: DATABASE_URL, PORT, POOL_SIZE.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { jsonPgSmartTags } from "postgraphile/utils";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";

// The golden tables have no foreign keys, since a row may name an id that has been merged away; PostGraphile is told of
// the relations here, so that nothing is added to the database that the hub does not have.
const partOf = (fieldName) => ({
  tags: { foreignKey: `(case_id) references golden_case (case_id)|@foreignFieldName ${fieldName}` },
});

const preset = {
  extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset],
  plugins: [
    jsonPgSmartTags({
      version: 1,
      config: {
        class: {
          golden_victim: partOf("victims"),
          golden_perpetrator: partOf("perpetrators"),
        },
      },
    }),
  ],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["public"],
      poolConfig: { max: Number(process.env.POOL_SIZE) },
    }),
  ],
  // Rows without a day come last, as in the hub's order, so that the same index serves all.
  schema: { pgOrderByNullsLast: true },
  grafserv: { watch: false, graphiql: false, port: Number(process.env.PORT) },
  grafast: { explain: false },
};

const instance = postgraphile(preset);
const server = createServer();
server.on("error", (problem) => {
  console.error(problem.message);
  process.exit(1);
});
const served = instance.createServ(grafserv);
await served.addTo(server);
await served.ready();
server.listen(Number(process.env.PORT), "127.0.0.1");
