/** The tabs a first visit opens: one for each thing the API is for. */
export const examples = [
  {
    query: `# The newest executions. Take an executionId from here to the other tabs.
query Executions {
  executions(first: 10) {
    nodes {
      executionId
      status
      queuedAt
      durationMs
      spanCount
      errorCount
      workflow { workflowId name }
      tokenUsage { input output total }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
  },
  {
    query: `# One trace: the tree as a flat list, in order of start.
query Trace($executionId: ID!) {
  execution(executionId: $executionId) {
    status
    durationMs
    cursor
    spans(first: 200) {
      nodes {
        spanId
        parentSpanId
        displayName
        category
        state
        status { code message }
        startOffsetMs
        durationMs
        tokenUsage { input output }
        attributes
      }
      pageInfo { hasNextPage endCursor }
    }
    artifacts(first: 20) {
      nodes { name mediaType sizeBytes downloadUrl }
    }
  }
}
`,
    variables: `{
  "executionId": ""
}
`,
  },
  {
    query: `# The same trace while it grows. Send the last cursor as "after" to go on where a connection broke off.
subscription TraceUpdates($executionId: ID!, $after: String) {
  traceUpdates(executionId: $executionId, after: $after) {
    cursor
    caughtUp
    complete
    execution { status spanCount errorCount }
    spans {
      spanId
      displayName
      state
      durationMs
      revision
    }
    artifacts { name sizeBytes }
  }
}
`,
    variables: `{
  "executionId": "",
  "after": null
}
`,
  },
  {
    query: `# Save a workflow, then start it.
mutation Save($source: String!) {
  saveWorkflow(input: { source: $source }) {
    workflow { workflowId version }
    problems { path line column message }
  }
}

mutation Start {
  startExecution(input: { workflowId: "hello", inputs: { name: "Ada" } }) {
    execution { executionId status traceId }
  }
}
`,
    variables: `{
  "source": "id: hello\\nname: Hello\\nnodes:\\n  - {name: greet, type: DataTransformNode, input_data: {name: '{{inputs.name}}'}, transforms: [{source: name, target: message}]}\\nedges: [[START, greet], [greet, END]]\\n"
}
`,
  },
  {
    query: `# What a workflow can be made of.
query NodeTypes {
  nodeTypes { name category description }
}
`,
  },
];
